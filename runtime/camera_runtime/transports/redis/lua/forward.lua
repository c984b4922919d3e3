-- Hand on and acknowledge. KEYS: input stream, output stream. ARGV: prefix, seconds, stage, entry ID, order…
local context = { prefix = ARGV[1], seconds = ARGV[2], lost = {} }
local stage, entry, order = ARGV[3], ARGV[4], order_of(5)
local done = is_marked(context.prefix, stage, order.frame_id)
if not done then
  local why = obstacle(KEYS[2], order)
  if why then return { why, '', {} } end
end
local id = ''
if not done then
  mark(context.prefix, stage, order.frame_id, context.seconds)
  id = append(KEYS[2], order, context)
end
redis.pcall('XACK', KEYS[1], stage, entry)
forget(KEYS[1], entry)
local verdict = not done and 'SENT' or was_told_lost(context.prefix, stage, order.frame_id) and 'LOST' or 'DUPLICATE'
return { verdict, id, context.lost }
