-- What a person may do to a CameraPipeline now. Argo CD runs a disabled action all the same: each action checks by itself.

local annotations = obj.metadata.annotations or {}
local traced = (obj.spec.tracing or {}).mode ~= "Disabled"
local tracing = (obj.status or {}).tracing or {}
local out = tracing.state == "RolledBack" or tracing.state == "RollingBack"
local suspended = annotations["frametrace.dev/suspend"] ~= nil

return {
  ["rollback-tracing"] = {
    disabled = not traced or (tracing.state == "RolledBack" and tracing.hold == "Requested"),
    iconClass = "fa fa-fw fa-eye-slash",
    displayName = "Roll tracing back",
  },
  ["reenable-tracing"] = {
    disabled = not traced or not out,
    iconClass = "fa fa-fw fa-eye",
    displayName = "Bring tracing back",
  },
  ["suspend"] = {
    disabled = suspended or obj.spec.mode == "Suspended",
    iconClass = "fa fa-fw fa-pause-circle",
    displayName = "Suspend",
  },
  ["resume"] = {
    disabled = not suspended or obj.spec.mode == "Suspended",
    iconClass = "fa fa-fw fa-play-circle",
    displayName = "Resume",
  },
}
