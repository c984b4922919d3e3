-- How many entries a stage has not finished, by stream. KEYS: streams. ARGV: stage.
-- Counted here: the lag that Redis 7.0 itself reports is wrong once entries have been deleted.
local lags = {}
for number, stream in ipairs(KEYS) do
  local groups, lag = groups_of(stream), 0
  for _, group in ipairs(groups) do
    if group.name == ARGV[1] then
      if #groups == 1 then
        lag = redis.call('XLEN', stream)  -- an entry that its only group has finished is gone
      else
        lag = group.pending + #redis.call('XRANGE', stream, '(' .. group.last, '+')
      end
    end
  end
  lags[number] = lag
end
return lags
