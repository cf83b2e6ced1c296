"""The machinery that every service uses; knows no service. The only room that imports nameko, eventlet or kombu."""
