-- Streams and their groups.

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
  local groups, answer = {}, redis.pcall('XINFO', 'GROUPS', stream)
  if answer.err then return groups end -- no such stream
  for _, flat in ipairs(answer) do
    local info = as_table(flat)
    groups[#groups + 1] = { name = info['name'], last = info['last-delivered-id'], pending = info['pending'] }
  end
  return groups
end

local function ensure_group(stream, name, seconds)
  -- From the beginning: a stage that starts late, or joins later, finds every entry that is still there.
  local made = redis.pcall('XGROUP', 'CREATE', stream, name, '0', 'MKSTREAM')
  if not made.err then redis.call('EXPIRE', stream, math.abs(seconds)) end -- who sweeps it keeps it alive from then on
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
