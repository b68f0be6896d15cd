{{%AUTOESCAPE context="HTML"}}
<h1>Status</h1>
<div class="tiles">
<div class="tile"><span class="figure">{{NODES_GOOD}}<small> of {{NODES_ALL}}</small></span><span>mail servers are up to date</span></div>
<div class="tile"><span class="figure">{{GENERATION}}</span><span>generation of the tables</span></div>
<div class="tile"><span class="figure">{{RATE}}</span><span>messages a minute, last five minutes</span></div>
<div class="tile"><span class="figure">{{CAUGHT}}</span><span>not clean, last 24 hours</span></div>
</div>
<div class="card">
<h2>Verdicts over time</h2>
{{#NO_CHART}}<p>{{NO_CHART_WORDS}}</p>{{/NO_CHART}}
{{#CHART}}
<p class="hint">Messages in each half hour of the last 24 hours, judged by the mail server on this host.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Chart">{{SVG:none}}</div>
<ul class="legend">{{#KEY}}<li><span class="swatch {{CLASS}}"></span>{{WORD}}</li>{{/KEY}}</ul>
<details><summary>The same as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Verdicts"><table><thead><tr><th scope="col">Verdict</th><th scope="col" class="number">Last 5 minutes</th><th scope="col" class="number">Last hour</th><th scope="col" class="number">Last 24 hours</th></tr></thead>
<tbody>{{#COUNT}}<tr><th scope="row">{{WORD}}</th><td class="number">{{FIVE}}</td><td class="number">{{HOUR}}</td><td class="number">{{DAY}}</td></tr>{{/COUNT}}</tbody></table></div></details>
{{/CHART}}
</div>
<div class="card">
<h2>Mail servers</h2>
{{#NO_NODES}}<p>No mail server has spoken up lately.</p>{{/NO_NODES}}
{{#NODES}}<div class="scroll" tabindex="0" role="region" aria-label="Mail servers"><table>
<thead><tr><th scope="col">Server</th><th scope="col">State</th><th scope="col" class="number">Generation</th><th scope="col">Tables read</th>{{#ADMIN_HEAD}}<th scope="col">Version</th><th scope="col">Digest</th><th scope="col" class="number">Queued</th><th scope="col" class="number">Dropped</th>{{/ADMIN_HEAD}}</tr></thead>
<tbody>{{#NODE}}<tr><th scope="row">{{NAME}}</th><td><span class="pill {{KIND}}">{{STATE}}</span></td><td class="number">{{GENERATION}}</td><td>{{READ}} ago</td>{{#ADMIN}}<td>{{VERSION}}</td><td><code>{{DIGEST}}</code></td><td class="number">{{QUEUED}}</td><td class="number">{{DROPPED}}</td>{{/ADMIN}}</tr>{{/NODE}}</tbody>
</table></div>{{/NODES}}
{{#FAULTS}}<h3>What they complain of</h3><ul>{{#FAULT}}<li>{{NAME}}: {{TEXT}}</li>{{/FAULT}}</ul>{{/FAULTS}}
</div>
