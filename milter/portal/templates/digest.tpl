{{%AUTOESCAPE context="HTML"}}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{HEADLINE}}</title>
</head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 44em; margin: 1em auto; padding: 0 1em">
<h1 style="font-size: 1.3em">{{HEADLINE}}</h1>
<p>{{INTRODUCTION}}</p>
<p><a href="{{LINK}}">Open the quarantine</a></p>
<ol style="padding-left: 1.4em">
{{#MAIL}}<li style="margin: 0 0 1.1em">
<strong>{{SUBJECT}}</strong><br>
{{FROM}}<br>
{{WHY}}<br>
{{#ARRIVED}}Arrived {{DAY}}. {{/ARRIVED}}{{#EXPIRES}}Expires {{DAY}}. {{/EXPIRES}}<a href="{{LINK}}">Look at it</a>
</li>{{/MAIL}}
</ol>
{{#MORE}}<p>{{WORDS}}</p>{{/MORE}}
<p style="font-size: .9em">A link only opens the quarantine; nothing happens until you press a button there.</p>
</body>
</html>
