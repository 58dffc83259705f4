"""Use cases: one public function is one transaction (house decision 3)."""
