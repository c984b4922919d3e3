-- End a branch. KEYS: input stream, dead-letter stream. ARGV: prefix, seconds, stage, entry ID, frame ID, then the
-- dead letter's seconds and fields, if it is one. Returns 1 the first time, 0 if it was finished before, -1 if it was
-- told as lost meanwhile.
local stage, entry, frame_id = ARGV[3], ARGV[4], ARGV[5]
local first = mark(ARGV[1], stage, frame_id, ARGV[2])
if first and #ARGV > 6 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 1000, '*', unpack(ARGV, 7))
  redis.call('EXPIRE', KEYS[2], ARGV[6])
end
redis.pcall('XACK', KEYS[1], stage, entry)
forget(KEYS[1], entry)
if first then return 1 end
return was_told_lost(ARGV[1], stage, frame_id) and -1 or 0
