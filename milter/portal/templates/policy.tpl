{{%AUTOESCAPE context="HTML"}}
<h1>My mail policy</h1>
<p>What happens to mail for <strong>{{ADDRESS}}</strong> that is not clean. Clean mail is always delivered.</p>
<form method="post" action="/policy">
<input type="hidden" name="token" value="{{TOKEN}}">
{{#QUESTION}}
<fieldset class="card">
<legend>{{WORD}}</legend>
<p class="hint">{{MEANING}}</p>
{{#CHOICE}}<label class="choice"><input type="radio" name="{{FIELD}}" value="{{VALUE}}"{{#CHOSEN}} checked{{/CHOSEN}}><span><strong>{{LABEL}}</strong><br>{{EXPLAINED}}</span></label>{{/CHOICE}}
</fieldset>
{{/QUESTION}}
<p><button>Save</button></p>
</form>
