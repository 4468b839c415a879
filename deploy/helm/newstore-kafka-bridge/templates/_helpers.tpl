{{- define "bridge.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
{{- end }}

{{- /* Defaults, then how to log in, then what the user sets. */ -}}
{{- define "bridge.settings" -}}
{{- $all := dict "BRIDGE_TENANT" (required "tenant: your NewStore tenant" .Values.tenant) "BRIDGE_KAFKA_BOOTSTRAP_SERVERS" .Values.kafka.bootstrapServers "BRIDGE_REPLICATION_FACTOR" "3" "BRIDGE_OPS_PORT" "8081" }}
{{- if (.Values.kafka.ca).enabled }}
{{- $_ := set $all "BRIDGE_KAFKA_SSL_CAFILE" "/etc/bridge-kafka-ca/ca.crt" }}
{{- end }}
{{- if (.Values.kafka.strimzi).enabled }}
{{- $_ := set $all "BRIDGE_TOPICS_MANAGED_BY" "others" }}
{{- end }}
{{- $logins := dict
  "none" (dict)
  "scram" (dict "BRIDGE_KAFKA_SECURITY_PROTOCOL" "SASL_SSL" "BRIDGE_KAFKA_SASL_MECHANISM" "SCRAM-SHA-512")
  "mtls" (dict "BRIDGE_KAFKA_SECURITY_PROTOCOL" "SSL" "BRIDGE_KAFKA_SSL_CERTFILE" "/etc/bridge-kafka/user.crt" "BRIDGE_KAFKA_SSL_KEYFILE" "/etc/bridge-kafka/user.key")
  "oauth" (dict "BRIDGE_KAFKA_SECURITY_PROTOCOL" "SASL_SSL" "BRIDGE_KAFKA_SASL_MECHANISM" "OAUTHBEARER" "BRIDGE_KAFKA_OAUTH_TOKEN_URL" (.Values.kafka.oauth).tokenUrl)
  "msk-iam" (dict "BRIDGE_KAFKA_SECURITY_PROTOCOL" "SASL_SSL" "BRIDGE_KAFKA_SASL_MECHANISM" "AWS_MSK_IAM" "BRIDGE_KAFKA_AWS_REGION" (.Values.kafka.mskIam).region)
}}
{{- $login := .Values.kafka.login }}
{{- if not (hasKey $logins $login) }}
{{- fail (printf "kafka.login is one of none, scram, mtls, oauth, msk-iam, not %s" $login) }}
{{- end }}
{{- $all = mustMergeOverwrite $all (get $logins $login) (.Values.settings | default dict) }}
{{- range $name, $_ := get $logins $login }}
{{- $_ := required (printf "kafka.login %s needs a value for %s: values.yaml has its place" $login $name) (get $all $name) }}
{{- end }}
{{- range $name, $value := $all }}
{{ $name }}: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
{{- end }}
{{- end }}

{{- /* With a hash of the content: changed settings roll the pods out anew. */ -}}
{{- define "bridge.settingsName" -}}
bridge-{{ include "bridge.settings" . | sha256sum | trunc 10 }}
{{- end }}

{{- /* Environment of the container of a part, as `list . "ingress"`. */ -}}
{{- define "bridge.kafka.env" -}}
{{- $login := (index . 0).Values.kafka.login }}
{{- $user := printf "%s-%s" (index . 0).Values.kafka.userPrefix (index . 1) }}
{{- if eq $login "scram" -}}
- {name: BRIDGE_KAFKA_SASL_USERNAME, value: {{ $user | quote }}}
- {name: BRIDGE_KAFKA_SASL_PASSWORD_FILE, value: /etc/bridge-kafka/password}
{{- else if eq $login "oauth" -}}
- {name: BRIDGE_KAFKA_OAUTH_CLIENT_ID, value: {{ $user | quote }}}
- {name: BRIDGE_KAFKA_OAUTH_CLIENT_SECRET_FILE, value: /etc/bridge-kafka/client-secret}
{{- end }}
{{- end }}

{{- define "bridge.kafka.mounts" -}}
{{- $values := (index . 0).Values }}
{{- if has $values.kafka.login (list "scram" "mtls" "oauth") }}
- {name: {{ index . 1 }}, mountPath: /etc/bridge-kafka, readOnly: true}
{{- end }}
{{- if ($values.kafka.ca).enabled }}
- {name: kafka-ca, mountPath: /etc/bridge-kafka-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "bridge.kafka.volumes" -}}
{{- $login := (index . 0).Values.kafka.login }}
{{- $files := dict "scram" (list "password") "mtls" (list "user.crt" "user.key") "oauth" (list "client-secret") }}
{{- with get $files $login }}
- name: {{ index $ 1 }}
  secret:
    secretName: {{ printf "%s-%s" (index $ 0).Values.kafka.userPrefix (index $ 2) | quote }}
    defaultMode: 0440
    items:
      {{- range . }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}
{{- end }}

{{- define "bridge.kafka.ca" -}}
{{- if (.Values.kafka.ca).enabled }}
- name: kafka-ca
  secret:
    secretName: {{ .Values.kafka.ca.secretName | quote }}
    defaultMode: 0440
    items:
      - {key: ca.crt, path: ca.crt}
{{- end }}
{{- end }}

{{- /* Ports of Kafka that are none of the usual ones, for the policy that lets out to it; a login may need another. */ -}}
{{- define "bridge.kafka.ports" -}}
{{- if and (has .Values.kafka.login (list "oauth" "msk-iam")) (not (.Values.networkPolicy).https) }}
{{- fail (printf "kafka.login %s asks a token endpoint, to which no policy lets out: set networkPolicy.https to true" .Values.kafka.login) }}
{{- end }}
{{- $ports := dict }}
{{- range splitList "," .Values.kafka.bootstrapServers }}
{{- $port := regexFind ":[0-9]+$" (trim .) | trimPrefix ":" | default "9092" }}
{{- if or (lt (int $port) 9092) (gt (int $port) 9098) }}
{{- $_ := set $ports $port true }}
{{- end }}
{{- end }}
{{- range $port, $_ := $ports }}
- {protocol: TCP, port: {{ $port }}}
{{- end }}
{{- end }}
