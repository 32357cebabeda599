-- Asks the rule engine about a request: http-request lua.waf WEB-ACL-ARN ALB|CF SOCKET
-- A request that may pass goes on; to all others the engine's answer is sent. Without an engine it is 500, as AWS
-- closes when it cannot ask.

local BODY = 8193 -- bytes that the engine gets: one more than it looks at, which shows that there are more

local function netstring(text)
  return #text .. ":" .. text .. ","
end

local function question(txn, acl, source)
  local body = txn.sf:req_body() or ""
  local fields = {
    acl, source, txn.sf:src(), txn.sf:method(), txn.sf:pathq(), txn.sf:req_ver(), string.sub(body, 1, BODY),
  }
  for name, values in pairs(txn.http:req_get_headers()) do
    for number = 0, #values do
      fields[#fields + 1] = name
      fields[#fields + 1] = values[number]
    end
  end
  for number, text in ipairs(fields) do
    fields[number] = netstring(text)
  end
  return netstring(table.concat(fields))
end

local function ask(txn, acl, source, path)
  local socket = core.tcp()
  socket:settimeout(10)
  if not socket:connect("unix@" .. path) then
    return nil
  end
  socket:send(question(txn, acl, source))
  local status = tonumber(socket:receive("*l"))
  if status == 0 or status == nil then
    socket:close()
    return status
  end
  local answer = txn:reply({ status = status, reason = "Forbidden" })
  for line in function() return socket:receive("*l") end do
    if line == "" then
      break
    end
    local name, value = string.match(line, "^([^:]+): (.*)$")
    answer:add_header(name, value)
  end
  answer:set_body(socket:receive("*a"))
  socket:close()
  return status, answer
end

core.register_action("waf", { "http-req" }, function(txn, acl, source, path)
  local status, answer = ask(txn, acl, source, path)
  if status ~= 0 then
    txn:done(answer or txn:reply({ status = 500, reason = "Internal Server Error" }))
  end
end, 3)
