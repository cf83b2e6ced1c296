"""What the referral service is asked. It announces nothing inside the node but its commands to booking."""
