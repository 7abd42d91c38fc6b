# Stands in for a mailer. All it knows about the job came with the signal that started it.
set -eu

echo "To: $MAIL_TO"
if [ "$CODE" = 0 ]; then
  echo "Subject: $JOB is done, in $MS ms"
else
  echo "Subject: $JOB FAILED with code $CODE (rind logs $JOB)"
fi
