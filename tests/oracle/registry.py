"""Which registration governs an MPAN on a settlement day."""


class Registry:
    """Registrations of a case by day; of those that cover a day the one with the greatest effective_from governs."""

    def __init__(self, case):
        self._rows = {mpan: sorted(rows.items(), reverse=True, key=lambda item: item[0])
                      for mpan, rows in case.registrations.items()}
        self._cache = {}
        self._registered = {}

    def on(self, mpan, day):
        """The governing registration, or None."""
        key = (mpan, day)
        if key not in self._cache:
            self._cache[key] = next((r for start, r in self._rows.get(mpan, ())
                                     if start <= day <= r.effective_to), None)
        return self._cache[key]

    def registered(self, day):
        """[(mpan, registration)] of a settlement day, by MPAN."""
        if day not in self._registered:
            pairs = ((mpan, self.on(mpan, day)) for mpan in sorted(self._rows))
            self._registered[day] = [(mpan, r) for mpan, r in pairs if r]
        return self._registered[day]
