"""Facts of a visit to iCalendar bytes, and the identity by which calendars know it."""
