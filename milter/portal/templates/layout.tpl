{{%AUTOESCAPE context="HTML"}}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{TITLE}} · Postern</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<div class="bar">
<a class="brand" href="/"><svg aria-hidden="true" viewBox="0 0 24 24" width="26" height="26"><path d="M4 22V11a8 8 0 0 1 16 0v11h-5v-9a3 3 0 0 0-6 0v9z" fill="currentColor"/></svg><span>Postern</span></a>
<nav aria-label="Pages"><ul>
{{#TAB}}<li><a href="{{PATH}}"{{#HERE}} aria-current="page"{{/HERE}}>{{WORDS}}</a></li>{{/TAB}}
</ul></nav>
<div class="who">
{{#SIGNED_IN}}<span class="name">{{USER}}</span>
<form method="post" action="/logout"><input type="hidden" name="token" value="{{TOKEN}}"><button class="quiet">Sign out</button></form>{{/SIGNED_IN}}
{{#SIGNED_OUT}}<a class="button quiet" href="/login">Sign in</a>{{/SIGNED_OUT}}
</div>
</div>
</header>
<main id="main" tabindex="-1">
{{#NOTICE_BOX}}<p class="notice" role="status">{{NOTICE}}</p>{{/NOTICE_BOX}}
{{BODY:none}}
</main>
<footer><p>Postern keeps no mail and asks no name server. These pages run no script.</p></footer>
</body>
</html>
