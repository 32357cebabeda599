"""A region of AWS on one machine: moto as the API, real machines behind it."""
