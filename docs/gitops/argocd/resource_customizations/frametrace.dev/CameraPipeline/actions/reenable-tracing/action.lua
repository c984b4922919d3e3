-- Asks the operator to bring tracing back, step by step. The spec stays as it is.
local os = require("os")

if (obj.spec.tracing or {}).mode == "Disabled" then
  error("spec.tracing.mode is Disabled: set it to Enabled where the resource comes from", 0)
end
local state = ((obj.status or {}).tracing or {}).state
if state == "Probation" then
  error("tracing is coming back already", 0)
end
if state ~= "RolledBack" and state ~= "RollingBack" then
  error("tracing is in: there is nothing to bring back", 0)
end

if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["frametrace.dev/reenable-tracing"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
