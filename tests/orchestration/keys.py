"""What an installation needs to encrypt."""

from cryptography.fernet import Fernet

SECRET = Fernet.generate_key().decode()
KEY_URI = "https://api.example.com/keys/{key_id}"
ABLE = {"NIGHTREEL_KEY_SECRET": SECRET, "NIGHTREEL_KEY_URI": KEY_URI}
