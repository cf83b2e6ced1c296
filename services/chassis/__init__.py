"""What every service stands on; knows no service. The only room that imports nameko, eventlet or kombu."""
