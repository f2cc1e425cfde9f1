"""The vehicle: chassis and wheels, motors and battery, and cars that people own."""
