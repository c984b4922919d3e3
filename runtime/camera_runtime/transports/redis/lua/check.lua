-- Whether a frame that a replica took a while ago is still its own. KEYS: stream. ARGV: prefix, stage, replica, ID, frame ID.
local stage, replica, id = ARGV[2], ARGV[3], ARGV[4]
local owner = owner_of(KEYS[1], stage, id)
if owner == replica then
  redis.call('XCLAIM', KEYS[1], stage, replica, 0, id, 'JUSTID')
  return 'MINE'
end
if owner then return 'OTHER' end
return is_marked(ARGV[1], stage, ARGV[5]) and 'DONE' or 'LOST'
