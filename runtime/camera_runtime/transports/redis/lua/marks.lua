-- Which frames are finished.

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

-- Returns whether this was the first time. A call costs more than a bit, so the block's time to live is renewed by its
-- first marks, by one in sixteen later on, and when the caller says that it is due: then `seconds` are not negative.
local function mark(prefix, who, frame_id, seconds)
  local key, bit = mark_of(prefix, who, frame_id)
  if not key then return true end
  local before = redis.call('SETBIT', key, bit, 1)
  if bit < 64 or bit % 16 == 0 or tonumber(seconds) > 0 then redis.call('EXPIRE', key, math.abs(seconds)) end
  return before == 0
end

-- Take a mark back that was set a moment ago.
local function unmark(prefix, who, frame_id)
  local key, bit = mark_of(prefix, who, frame_id)
  if key then redis.call('SETBIT', key, bit, 0) end
end

-- Whether somebody has told that the frame was lost on its way to a stage: see lost.lua.
local function was_told_lost(prefix, stage, frame_id)
  return is_marked(prefix, '!' .. stage, frame_id)
end
