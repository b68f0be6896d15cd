{{%AUTOESCAPE context="HTML"}}
<div class="card fault">
<h1>{{HEADING}}</h1>
<p>{{WORDS}}</p>
<p><a class="button" href="/">To the start page</a></p>
</div>
