-- Which entries are in the stream still. KEYS: stream. ARGV: their IDs. Returns the places of those that are, from 0.
local waiting = {}
for i = 1, #ARGV do
  if redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1] then waiting[#waiting + 1] = i - 1 end
end
return waiting
