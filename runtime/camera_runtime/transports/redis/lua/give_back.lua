-- Let any replica have a frame at once. KEYS: stream. ARGV: stage, replica, ID, how often it counts as handed out.
if owner_of(KEYS[1], ARGV[1], ARGV[3]) ~= ARGV[2] then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'IDLE', 86400000, 'RETRYCOUNT', ARGV[4], 'JUSTID')
return 1
