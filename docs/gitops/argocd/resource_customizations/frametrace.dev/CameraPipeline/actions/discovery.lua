-- What a person may do to a CameraPipeline now. Argo CD runs a disabled action all the same: each action checks by itself.

-- The operator obeys a time stamp of RFC 3339 alone: with anything else, such as "true", the pipeline runs. There is no string library
-- here, so texts are compared: one begins with x if it is not less than x, and less than x with a "~" behind it.
local function is_time_stamp(text)
  local digits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
  local begin = ""
  local function goes_on_with(marks)
    for _, one in ipairs(marks) do
      if text >= begin .. one and text < begin .. one .. "~" then
        begin = begin .. one
        return true
      end
    end
    return false
  end
  local function goes_on_as(form)
    for _, marks in ipairs(form) do
      if not goes_on_with(marks) then
        return false
      end
    end
    return true
  end

  local dash, colon = {"-"}, {":"}
  local date = {digits, digits, digits, digits, dash, digits, digits, dash, digits, digits}
  local time = {{"T", "t"}, digits, digits, colon, digits, digits, colon, digits, digits}
  if not goes_on_as(date) or not goes_on_as(time) then
    return false
  end
  if goes_on_with({"."}) then
    if not goes_on_with(digits) then
      return false
    end
    while goes_on_with(digits) do end
  end
  if goes_on_with({"+", "-"}) then
    return goes_on_as({digits, digits, colon, digits, digits}) and begin == text
  end
  return goes_on_with({"Z", "z"}) and begin == text
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
