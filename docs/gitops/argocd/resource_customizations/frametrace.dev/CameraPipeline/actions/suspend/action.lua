-- Lets the pipeline rest: frames in flight are handled, then the pods go. The spec stays as it is.
local os = require("os")

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
