-- Housekeeping. KEYS: the set of the hop's streams, streams. ARGV: prefix, seconds, known groups, condemned groups (both
-- with commas), idle milliseconds. Keeps streams alive, drops replicas that are long gone, and destroys condemned groups
-- that nobody uses, reporting what waited in them. Returns the groups that are not known, the lost branches, and the
-- hop's streams in which frames wait, also those of cameras that nobody asked for.
local context = { prefix = ARGV[1], seconds = ARGV[2], lost = {} }
local known, condemned, idle = ',' .. ARGV[3] .. ',', ',' .. ARGV[4] .. ',', tonumber(ARGV[5])
local HOUR = 3600000
local unknown = {}

local function listed(list, name) return string.find(list, ',' .. name .. ',', 1, true) ~= nil end

local function busiest(stream, name)
  local least = nil
  for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', stream, name)) do
    local info = as_table(flat)
    if info['pending'] == 0 and info['idle'] > HOUR then
      redis.call('XGROUP', 'DELCONSUMER', stream, name, info['name'])
    elseif not least or info['idle'] < least then
      least = info['idle']
    end
  end
  return least
end

local function destroy(stream, group)
  for _, found in ipairs(redis.call('XRANGE', stream, '-', '+')) do
    local entry = as_table(found[2])
    local waits = after(found[1], group.last) or is_pending(stream, group, found[1])
    if waits and is_meant_for(entry, group.name) then
      if entry['frame_id'] then mark(context.prefix, group.name, entry['frame_id'], context.seconds) end
      context.lost[#context.lost + 1] =
        { entry['frame_id'] or '', entry['traceparent'] or '', entry['tracestate'] or '', group.name }
    end
  end
  redis.call('XGROUP', 'DESTROY', stream, group.name)
  for _, found in ipairs(redis.call('XRANGE', stream, '-', '+')) do forget(stream, found[1]) end
end

-- All streams of the hop are in one set, by when they were swept, since a camera's outlives its place in the spec. What
-- else a foreign hand puts there, or in its place, is passed over.
local function filled(set, forgotten)
  redis.pcall('ZREMRANGEBYSCORE', set, '-inf', forgotten)
  local found, streams = {}, redis.pcall('ZRANGE', set, 0, -1)
  for _, stream in ipairs(streams.err and {} or streams) do
    local entries = redis.pcall('XLEN', stream)
    if type(entries) == 'number' and entries > 0 then found[#found + 1] = stream end
  end
  return found
end

local now, longest = tonumber(redis.call('TIME')[1]), 2 * context.seconds
for number = 2, #KEYS do
  local stream = KEYS[number]
  redis.pcall('ZADD', KEYS[1], now, stream)
  redis.call('EXPIRE', stream, context.seconds)
  for _, group in ipairs(groups_of(stream)) do
    local least = busiest(stream, group.name)
    if not listed(known, group.name) then
      if listed(condemned, group.name) and (not least or least >= idle) then
        destroy(stream, group)
      else
        unknown[#unknown + 1] = group.name
      end
    end
  end
end
redis.call('EXPIRE', KEYS[1], longest)
return { unknown, context.lost, filled(KEYS[1], now - longest) }
