{{%AUTOESCAPE context="HTML"}}
<div class="card narrow">
<h1>Sign in</h1>
<p class="hint">With the name and password of your mailbox.</p>
{{#BAD}}<p class="wrong" role="alert">{{FAULT}}</p>{{/BAD}}
<form method="post" action="/login">
<input type="hidden" name="token" value="{{TOKEN}}">
<input type="hidden" name="next" value="{{NEXT}}">
<label for="user">Mail address</label>
<input id="user" name="user" value="{{USER}}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="512" required>
<button>Sign in</button>
</form>
</div>
