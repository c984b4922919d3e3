-- Lets the pipeline rest: frames in flight are handled, then the pods go. The spec stays as it is.
local os = require("os")

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

if obj.spec.mode == "Suspended" then
  error("spec.mode is Suspended already", 0)
end
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
local rest = obj.metadata.annotations["frametrace.dev/suspend"]
if rest ~= nil and is_time_stamp(rest) then
  error("the pipeline is suspended already", 0)
end

obj.metadata.annotations["frametrace.dev/suspend"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
