// Reads calendar files with ical.js, strictly: a JSON list of base64 texts in, a JSON list of facts out.
"use strict";

const ICAL = require(process.argv[2]);
ICAL.design.strict = true;

function facts(text) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(text));
  const known = new Set(calendar.getAllSubcomponents("vtimezone").map((one) => one.getFirstPropertyValue("tzid")));
  const events = calendar.getAllSubcomponents("vevent").map((one) => {
    for (const name of ["dtstart", "dtend"]) {
      const zone = one.getFirstProperty(name).getParameter("tzid");
      if (zone && !known.has(zone)) throw new Error(`${name}: no VTIMEZONE for ${zone}`);
    }
    const event = new ICAL.Event(one);
    return {
      uid: event.uid,
      sequence: event.sequence,
      status: one.getFirstPropertyValue("status"),
      starts: event.startDate.toUnixTime(),
      ends: event.endDate.toUnixTime(),
    };
  });
  return { method: calendar.getFirstPropertyValue("method"), events };
}

let sent = "";
process.stdin.on("data", (chunk) => { sent += chunk; });
process.stdin.on("end", () => {
  const texts = JSON.parse(sent).map((one) => Buffer.from(one, "base64").toString("utf8"));
  process.stdout.write(JSON.stringify(texts.map(facts)));
});
