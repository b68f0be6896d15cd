{{%AUTOESCAPE context="XML"}}
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>Quarantine of {{USER}}</title>
<id>{{ID}}</id>
<updated>{{UPDATED}}</updated>
<author><name>Postern</name></author>
<link rel="self" type="application/atom+xml" href="{{SELF}}"/>
<link rel="alternate" type="text/html" href="{{LINK}}"/>
{{#ENTRY}}
<entry>
<title type="text">{{SUBJECT}}</title>
<id>{{ID}}</id>
<updated>{{UPDATED}}</updated>
<author><name>{{FROM}}</name></author>
<link rel="alternate" type="text/html" href="{{LINK}}"/>
<summary type="text">{{WHY}}</summary>
</entry>
{{/ENTRY}}
</feed>
