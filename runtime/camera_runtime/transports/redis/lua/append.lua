-- Appending a frame: what send.lua and forward.lua share. A stream's entry is flat: frame_id, traceparent, tracestate,
-- metadata, picture, to. `order.fresh` says that the picture was stored a moment ago.

local function is_meant_for(entry, group)
  return string.find(',' .. (entry['to'] or '') .. ',', ',' .. group .. ',', 1, true) ~= nil
end

-- End the branches of an entry that still wait; those that the frame was sent to are reported in `lost`.
local function end_branches(stream, id, entry, groups, context)
  for _, group in ipairs(groups) do
    local unread = after(id, group.last)
    local pending = not unread and is_pending(stream, group, id)
    if pending then
      redis.call('XACK', stream, group.name, id)
    end
    if (unread or pending) and entry['frame_id'] then
      mark(context.prefix, group.name, entry['frame_id'], context.seconds)
    end
    if (unread or pending) and is_meant_for(entry, group.name) then
      local lost = context.lost
      lost[#lost + 1] = { entry['frame_id'] or '', entry['traceparent'] or '', entry['tracestate'] or '', group.name }
    end
  end
  redis.call('XDEL', stream, id)
end

local function is_busy(stream, id, groups)
  for _, group in ipairs(groups) do
    if is_pending(stream, group, id) then return true end
  end
  return false
end

-- Make room for one entry: the oldest go first, those that a replica works on last.
local function make_room(stream, limit, context)
  local excess = redis.call('XLEN', stream) - limit + 1
  if excess <= 0 then return end
  local groups, pending = groups_of(stream), 0
  for _, group in ipairs(groups) do pending = pending + group.pending end
  local busy = {}
  for _, found in ipairs(redis.call('XRANGE', stream, '-', '+', 'COUNT', excess + pending)) do
    if excess == 0 then return end
    if is_busy(stream, found[1], groups) then
      busy[#busy + 1] = found
    else
      end_branches(stream, found[1], as_table(found[2]), groups, context)
      excess = excess - 1
    end
  end
  for i = 1, math.min(excess, #busy) do
    end_branches(stream, busy[i][1], as_table(busy[i][2]), groups, context)
  end
end

-- Append a frame to a stream. `order` names what send.lua and forward.lua are given alike.
local function append(stream, order, context)
  for name in string.gmatch(order.readers, '[^,]+') do
    ensure_group(stream, name, context.seconds)
  end
  make_room(stream, order.limit, context)
  local id = redis.call('XADD', stream, '*', 'frame_id', order.frame_id, 'traceparent', order.traceparent,
    'tracestate', order.tracestate, 'metadata', order.metadata, 'picture', order.picture, 'to', order.readers)
  return id
end

local function order_of(first)
  return {
    frame_id = ARGV[first], traceparent = ARGV[first + 1], tracestate = ARGV[first + 2], metadata = ARGV[first + 3],
    picture = ARGV[first + 4], picture_seconds = ARGV[first + 5], limit = tonumber(ARGV[first + 6]),
    policy = ARGV[first + 7], readers = ARGV[first + 8], fresh = ARGV[first + 9],
  }
end

-- Why a frame cannot be appended now, or nil.
local function obstacle(stream, order)
  if order.picture ~= '' and order.fresh ~= '1' and redis.call('EXPIRE', order.picture, order.picture_seconds) == 0 then return 'GONE' end
  if order.policy ~= 'DropOldest' and redis.call('XLEN', stream) >= order.limit then return 'FULL' end
  return nil
end
