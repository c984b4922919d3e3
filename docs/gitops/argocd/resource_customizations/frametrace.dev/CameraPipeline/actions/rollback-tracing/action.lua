-- Asks the operator to take tracing out. The spec stays as it is, so that nothing is out of sync and nothing is reverted.
local os = require("os")

if (obj.spec.tracing or {}).mode == "Disabled" then
  error("spec.tracing.mode is Disabled: there is no tracing to take out", 0)
end
local tracing = (obj.status or {}).tracing or {}
if tracing.state == "RolledBack" and tracing.hold == "Requested" then
  error("tracing is out already, and stays out until reenable-tracing", 0)
end

if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["frametrace.dev/rollback-tracing"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
