"""Planning facts in the words of people: clock times, cadences, templates, reminders."""
