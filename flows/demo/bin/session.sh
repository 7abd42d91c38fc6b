# Stands in for the session of a user. The branch of the state arrives in arguments and environment.
echo "$1 on $SESSION_TTY with $SESSION_SHELL"
while :; do sleep 3600; done
