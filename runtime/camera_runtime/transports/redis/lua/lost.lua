-- Which frames the server has lost. KEYS: stream. ARGV: prefix, seconds, then of each frame: its ID, its entry's ID, and
-- the stages it was meant for. A branch that is neither in the stream nor finished is lost, and counts as ended from now
-- on. Returns {frame ID, stage} of each; a second mark makes it the same answer when it is asked again.
local prefix, seconds, lost = ARGV[1], ARGV[2], {}
for i = 3, #ARGV, 3 do
  local frame_id, id = ARGV[i], ARGV[i + 1]
  local found = redis.call('XRANGE', KEYS[1], id, id)[1]
  if not found or as_table(found[2])['frame_id'] ~= frame_id then
    for stage in string.gmatch(ARGV[i + 2], '[^,]+') do
      local told = was_told_lost(prefix, stage, frame_id)
      if mark(prefix, stage, frame_id, seconds) or told then
        mark(prefix, '!' .. stage, frame_id, seconds)
        lost[#lost + 1] = { frame_id, stage }
      end
    end
  end
end
return lost
