-- Lets a pipeline that was suspended by the action go on. What the spec suspends is not an action's to change.
if obj.spec.mode == "Suspended" then
  error("spec.mode is Suspended: set it to Running where the resource comes from", 0)
end
local annotations = obj.metadata.annotations or {}
if annotations["frametrace.dev/suspend"] == nil then
  error("the pipeline is not suspended", 0)
end

annotations["frametrace.dev/suspend"] = nil
return obj
