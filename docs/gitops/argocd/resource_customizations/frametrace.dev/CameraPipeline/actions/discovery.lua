-- What a person may do to a CameraPipeline now. Argo CD runs a disabled action all the same: each action checks by itself.

-- The operator obeys a time stamp alone: with anything else, such as "true", the pipeline runs. There is no string library here, so
-- texts are compared: one begins with x if it is not less than x, and less than x with a "~" behind it.
local function is_time_stamp(text)
  local digits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
  local begin = ""
  for _, mark in ipairs({0, 0, 0, 0, "-", 0, 0, "-", 0, 0, "T", 0, 0, ":", 0, 0, ":", 0, 0}) do
    local longer
    for _, one in ipairs(mark == 0 and digits or {mark}) do
      if text >= begin .. one and text < begin .. one .. "~" then
        longer = begin .. one
      end
    end
    if longer == nil then
      return false
    end
    begin = longer
  end
  return true
end

local annotations = obj.metadata.annotations or {}
local traced = (obj.spec.tracing or {}).mode ~= "Disabled"
local tracing = (obj.status or {}).tracing or {}
local out = tracing.state == "RolledBack" or tracing.state == "RollingBack"
local rest = annotations["frametrace.dev/suspend"]

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
    disabled = (rest ~= nil and is_time_stamp(rest)) or obj.spec.mode == "Suspended",
    iconClass = "fa fa-fw fa-pause-circle",
    displayName = "Suspend",
  },
  ["resume"] = {
    disabled = rest == nil or obj.spec.mode == "Suspended",
    iconClass = "fa fa-fw fa-play-circle",
    displayName = "Resume",
  },
}
