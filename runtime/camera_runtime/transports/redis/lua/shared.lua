-- What all scripts share. A stream's entry is flat: frame_id, traceparent, tracestate, metadata, picture, to.

-- Whether stream ID a comes after b.
local function after(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  if a_ms ~= b_ms then return a_ms > b_ms end
  return tonumber(a_seq) > tonumber(b_seq)
end

local function as_table(flat)
  local named = {}
  for i = 1, #flat, 2 do named[flat[i]] = flat[i + 1] end
  return named
end

local function groups_of(stream)
  local groups = {}
  if redis.call('EXISTS', stream) == 0 then return groups end
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local info = as_table(flat)
    groups[#groups + 1] = { name = info['name'], last = info['last-delivered-id'], pending = info['pending'] }
  end
  return groups
end

local function ensure_group(stream, name, seconds)
  -- From the beginning: a stage that starts late, or joins later, finds every entry that is still there.
  redis.pcall('XGROUP', 'CREATE', stream, name, '0', 'MKSTREAM')
  redis.call('EXPIRE', stream, seconds)
end

local function owner_of(stream, group, id)
  local found = redis.pcall('XPENDING', stream, group, id, id, 1)
  if found.err or #found == 0 then return nil end
  return found[1][2], found[1][4]
end

local function is_pending(stream, group, id)
  return group.pending > 0 and owner_of(stream, group.name, id) ~= nil
end

-- Delete an entry that no group waits for any more.
local function forget(stream, id)
  for _, group in ipairs(groups_of(stream)) do
    if after(id, group.last) or is_pending(stream, group, id) then return end
  end
  redis.call('XDEL', stream, id)
end

-- One bit says that `who` has finished a frame: sequences are dense in a session, so a block of 65,536 takes 8 KiB.
local function mark_of(prefix, who, frame_id)
  local camera, session, sequence = string.match(frame_id, '^[^_]+_([^_]+)_([^_]+)_(%d+)$')
  if not camera then
    session, camera, sequence = string.match(frame_id, '^([^_]+)_([^_]+)_(%d+)$')
  end
  if not camera or #sequence > 18 then return nil end
  local number = tonumber(sequence)
  local block = math.floor(number / 65536)
  return string.format('%sdone:%s:%s:%s:%.0f', prefix, who, camera, session, block), number - block * 65536
end

local function is_marked(prefix, who, frame_id)
  local key, bit = mark_of(prefix, who, frame_id)
  return key ~= nil and redis.call('GETBIT', key, bit) == 1
end

-- Returns whether this was the first time.
local function mark(prefix, who, frame_id, seconds)
  local key, bit = mark_of(prefix, who, frame_id)
  if not key then return true end
  local before = redis.call('SETBIT', key, bit, 1)
  redis.call('EXPIRE', key, seconds)
  return before == 0
end

-- Whether somebody has told that the frame was lost on its way to a stage: see lost.lua.
local function was_told_lost(prefix, stage, frame_id)
  return is_marked(prefix, '!' .. stage, frame_id)
end

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
  redis.call('EXPIRE', stream, context.seconds)
  return id
end

local function order_of(first)
  return {
    frame_id = ARGV[first], traceparent = ARGV[first + 1], tracestate = ARGV[first + 2], metadata = ARGV[first + 3],
    picture = ARGV[first + 4], picture_seconds = ARGV[first + 5], limit = tonumber(ARGV[first + 6]),
    policy = ARGV[first + 7], readers = ARGV[first + 8],
  }
end

-- Why a frame cannot be appended now, or nil.
local function obstacle(stream, order)
  if order.picture ~= '' and redis.call('EXPIRE', order.picture, order.picture_seconds) == 0 then return 'GONE' end
  if order.policy ~= 'DropOldest' and redis.call('XLEN', stream) >= order.limit then return 'FULL' end
  return nil
end
