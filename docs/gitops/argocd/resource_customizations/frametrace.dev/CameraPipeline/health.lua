-- Health of a CameraPipeline, from the conditions that its operator reports. What needs a person comes first.

local function answer(status, message)
  return {status = status, message = message}
end

local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(kind, wanted)
  return conditions[kind] ~= nil and conditions[kind].status == wanted
end

local function reason(kind)
  return conditions[kind] ~= nil and conditions[kind].reason or ""
end

local function told(kind)
  local condition = conditions[kind]
  if condition.message == nil or condition.message == "" then
    return condition.reason
  end
  return condition.reason .. ": " .. condition.message
end

-- Nothing that is of an older spec says anything about this one.
if status.observedGeneration == nil or conditions["Ready"] == nil then
  return answer("Progressing", "The operator has not reported yet")
end
if obj.metadata.generation ~= nil and status.observedGeneration < obj.metadata.generation then
  return answer("Progressing", "The operator has not taken up this change yet")
end

if is("Stalled", "True") then
  return answer("Degraded", told("Stalled"))
end

-- A pipeline that rests by its owner's wish has no frames, so nothing of what follows is asked of it.
if reason("Ready") == "Suspended" then
  if is("Reconciling", "True") then
    return answer("Progressing", told("Reconciling"))
  end
  return answer("Suspended", told("Ready"))
end

-- Video goes on without traces, but the owner asked for both.
if is("TracingRolledBack", "True") and reason("TracingRolledBack") ~= "Probation" then
  return answer("Degraded", "Tracing is rolled back: " .. told("TracingRolledBack"))
end
if is("TracesFlowing", "False") and reason("TracesFlowing") == "TracesMissing" then
  return answer("Degraded", told("TracesFlowing"))
end
if reason("TracingRolledBack") == "Alarm" then
  return answer("Degraded", told("TracingRolledBack"))
end

if is("Reconciling", "True") then
  return answer("Progressing", told("Reconciling"))
end
if is("Ready", "False") and reason("Ready") ~= "Progressing" then
  return answer("Degraded", told("Ready"))
end
if not is("Ready", "True") then
  return answer("Progressing", told("Ready"))
end
if reason("TracingRolledBack") == "Probation" then
  return answer("Progressing", told("TracingRolledBack"))
end

if status.pendingUpgrade ~= nil then
  return answer("Healthy", told("Ready") .. " A change of the pods waits for approval: " .. (status.pendingUpgrade.message or ""))
end
return answer("Healthy", told("Ready"))
