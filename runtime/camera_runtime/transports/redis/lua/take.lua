-- Frames for one replica of a stage, without waiting. KEYS: its input streams.
-- ARGV: prefix, seconds, stage, replica, most, first stream (from 0), mode, idle milliseconds.
-- mode: new (unread ones), claim (first those that others left lying), resume (first those that this replica's
-- earlier life left lying). Returns entries as {stream number, ID, flat fields, count, finished before, waited ms},
-- the stream to begin with next time, and how many of the entries had been left lying.
local prefix, seconds, stage, replica = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local most, first, mode, idle = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken, last = {}, 0

local function add(number, found, count)
  if not found[2] then return end
  local frame_id = as_table(found[2])['frame_id']
  local done = frame_id and is_marked(prefix, stage, frame_id)
  local waited = now - tonumber(string.match(found[1], '^%d+'))
  taken[#taken + 1] = { number - 1, found[1], found[2], count, done and 1 or 0, waited }
end

local function read(stream, from)
  local room = most - #taken
  local answer = redis.pcall('XREADGROUP', 'GROUP', stage, replica, 'COUNT', room, 'STREAMS', stream, from)
  if answer and answer.err then
    ensure_group(stream, stage, seconds)
    answer = redis.call('XREADGROUP', 'GROUP', stage, replica, 'COUNT', room, 'STREAMS', stream, from)
  end
  return answer and answer[1] and answer[1][2] or {}
end

local function left_lying(stream)
  if mode == 'resume' then return read(stream, '0') end
  local answer = redis.pcall('XAUTOCLAIM', stream, stage, replica, idle, '0-0', 'COUNT', most - #taken)
  return answer.err and {} or answer[2]
end

local function stream_at(step)
  local number = (first + step) % #KEYS + 1
  return number, KEYS[number]
end

for step = 0, #KEYS - 1 do
  local number, stream = stream_at(step)
  if mode ~= 'new' and #taken < most then
    for _, found in ipairs(left_lying(stream)) do
      local _, count = owner_of(stream, stage, found[1])
      add(number, found, count or 1)
    end
  end
end
local lying = #taken
for step = 0, #KEYS - 1 do
  local number, stream = stream_at(step)
  if #taken < most then
    last = step + 1
    for _, found in ipairs(read(stream, '>')) do add(number, found, 1) end
  end
end
-- All but the first wait in the replica's hands: they count as handed out only when they are handed out again.
local claims = {}
for position = 2, #taken do
  local number, id, _, count = unpack(taken[position])
  local alike = number .. ' ' .. count
  claims[alike] = claims[alike] or { number = number, count = count, ids = {} }
  table.insert(claims[alike].ids, id)
end
for _, claim in pairs(claims) do
  local command = { 'XCLAIM', KEYS[claim.number + 1], stage, replica, 0 }
  for _, id in ipairs(claim.ids) do command[#command + 1] = id end
  for _, option in ipairs({ 'RETRYCOUNT', claim.count - 1, 'JUSTID' }) do command[#command + 1] = option end
  redis.call(unpack(command))
end
return { taken, (first + last) % #KEYS, lying }
