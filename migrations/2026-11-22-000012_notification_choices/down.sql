DROP TABLE notification_choices;
