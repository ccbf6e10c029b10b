// Acuity's own client against the sandbox: `node acuity.js BASE USER KEY`. Exits with 1 and says what was unlike.
"use strict";
const assert = require("assert");
const Acuity = require("acuityscheduling");

const [base, userId, apiKey] = process.argv.slice(2);
const acuity = Acuity.basic({ base, userId, apiKey });

function ask(path, options = {}) {
  return new Promise((resolve, reject) => {
    acuity.request(path, options, (error, response, body) =>
      error ? reject(error) : resolve({ status: response.statusCode, body }));
  });
}

async function main() {
  const types = (await ask("/appointment-types")).body;
  const calendars = (await ask("/calendars")).body;
  const start = new Date(Date.now() + 7 * 86400e3).toISOString().slice(0, 13) + ":00:00-0000";
  const booking = { datetime: start, appointmentTypeID: types[0].id, calendarID: calendars[0].id };
  const client = { firstName: "Ada", lastName: "Marsh", email: "ada.marsh@example.com", phone: "6615550101" };
  const quiet = { admin: true, noEmail: true };

  const lacking = await ask("/appointments", { method: "POST", qs: quiet, body: { ...booking, firstName: "Ada" } });
  assert.deepStrictEqual([lacking.status, lacking.body.error], [400, "required_last_name"]);

  const made = await ask("/appointments", { method: "POST", qs: quiet, body: { ...booking, ...client } });
  assert.strictEqual(made.status, 200);
  const path = `/appointments/${made.body.id}`;
  assert.strictEqual((await ask(path)).body.email, client.email);

  const changed = await ask(path, { method: "PUT", qs: quiet, body: { notes: "Second floor" } });
  assert.strictEqual(changed.body.notes, "Second floor");
  const later = new Date(Date.parse(start) + 86400e3).toISOString().slice(0, 19) + "-0000";
  const moved = await ask(`${path}/reschedule`, { method: "PUT", qs: quiet, body: { datetime: later } });
  assert.strictEqual(Date.parse(moved.body.datetime.replace(/(\d\d)$/, ":$1")), Date.parse(later));
  assert.strictEqual(moved.body.id, made.body.id);

  const listed = await ask("/appointments", { qs: { max: 500, showall: true, direction: "ASC" } });
  assert.ok(listed.body.some((row) => row.id === made.body.id));
  const ended = await ask(`${path}/cancel`, { method: "PUT", qs: quiet, body: { noShow: true } });
  assert.deepStrictEqual([ended.body.canceled, ended.body.noShow], [true, true]);
  const again = await ask(`${path}/cancel`, { method: "PUT", qs: quiet, body: {} });
  assert.strictEqual(again.body.noShow, true);

  const target = "https://sync.example.com/hooks";
  const hook = await ask("/webhooks", { method: "POST", body: { event: "appointment.changed", target } });
  assert.strictEqual((await ask("/webhooks")).body.length, 1);
  assert.strictEqual((await ask(`/webhooks/${hook.body.id}`, { method: "DELETE" })).status, 204);
  for (const other of ["/me", "/clients", "/blocks"]) {
    assert.strictEqual((await ask(other)).status, 200);
  }
  assert.strictEqual((await ask("/appointments/7")).status, 404);
  console.log("every call was answered as Acuity's client expects it");
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
