-- A new frame from `hop`. KEYS: stream. ARGV: prefix, seconds, hop, order…
local context = { prefix = ARGV[1], seconds = ARGV[2], lost = {} }
local sender, order = '>' .. ARGV[3], order_of(4)
if not mark(context.prefix, sender, order.frame_id, context.seconds) then return { 'DUPLICATE', '', {} } end
local why = obstacle(KEYS[1], order)
if why then
  unmark(context.prefix, sender, order.frame_id)
  return { why, '', {} }
end
local id = append(KEYS[1], order, context)
return { 'SENT', id, context.lost }
