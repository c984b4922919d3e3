-- Lets the pipeline rest: frames in flight are handled, then the pods go. The spec stays as it is.
local os = require("os")

if obj.spec.mode == "Suspended" then
  error("spec.mode is Suspended already", 0)
end
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
if obj.metadata.annotations["frametrace.dev/suspend"] ~= nil then
  error("the pipeline is suspended already", 0)
end

obj.metadata.annotations["frametrace.dev/suspend"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
