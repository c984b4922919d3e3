{{/* Every name and label of the chart is made here. */}}
{{- define "frametrace.name" -}}
{{- $name := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) -}}
{{- /* A Service's name has 63 characters, no dot, and begins with a letter; what is changed for that gets a hash, so that no two are one. */ -}}
{{- if or (gt (len $name) 54) (contains "." $name) (regexMatch "^[0-9]" $name) -}}
{{- $name = regexReplaceAll "^([0-9])" ($name | replace "." "-") "release-${1}" | trunc 45 | trimSuffix "-" -}}
{{- $name = printf "%s-%s" $name (sha256sum .Release.Name | trunc 8) -}}
{{- end -}}
{{- printf "%s-operator" $name -}}
{{- end -}}

{{- define "frametrace.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "frametrace.name" .) -}}
{{- end -}}

{{/* Cluster-wide objects carry the namespace, so that releases in two namespaces do not meet; no name has a colon of its own. */}}
{{- define "frametrace.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "frametrace.name" .) -}}
{{- end -}}

{{- define "frametrace.selector" -}}
app.kubernetes.io/name: frametrace-operator
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "frametrace.labels" -}}
{{ include "frametrace.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: frametrace
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Labels as the operator's environment has them: name=value, separated by commas. */}}
{{- define "frametrace.pairs" -}}
{{- $pairs := list -}}
{{- range $name, $value := . -}}
{{- $pairs = append $pairs (printf "%s=%s" $name $value) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* Networks of cameras, separated by commas. With host bits the operator refuses one at its start: of IPv4 it is told here. Arguments: the value's name, networks. */}}
{{- define "frametrace.networks" -}}
{{- $networks := index . 1 | default list -}}
{{- range $network := $networks -}}
{{- if contains "." $network -}}
{{- $parts := splitList "/" $network -}}
{{- $number := 0 -}}
{{- range splitList "." (first $parts) -}}
{{- $number = add (mul $number 256) (int64 .) -}}
{{- end -}}
{{- $addresses := 1 -}}
{{- range until (sub 32 (int (last $parts)) | int) -}}
{{- $addresses = mul $addresses 2 -}}
{{- end -}}
{{- if mod $number $addresses -}}
{{- fail (printf "cameraNetworks.%s: %s has host bits set; a network is written as its first address, such as 10.0.0.0/8" (index $ 0) $network) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "," $networks -}}
{{- end -}}

{{/* CPU and memory as JSON, each quantity a text: as a number, 0.5 is none to the operator. */}}
{{- define "frametrace.resources" -}}
{{- $resources := dict -}}
{{- range $kind, $quantities := . -}}
{{- $texts := dict -}}
{{- range $name, $quantity := $quantities -}}
{{- $_ := set $texts $name (kindIs "string" $quantity | ternary $quantity (toJson $quantity)) -}}
{{- end -}}
{{- $_ := set $resources $kind $texts -}}
{{- end -}}
{{- toJson $resources -}}
{{- end -}}

{{/* Between two readings of metrics; `--reuse-values` of an older release has no such value. */}}
{{- define "frametrace.interval" -}}
{{- .Values.podMonitor.interval | default "15s" -}}
{{- end -}}

{{/* Ports of DNS, separated by commas; neither has this one, and a rule without ports would let everything out. */}}
{{- define "frametrace.dnsPorts" -}}
{{- join "," (.Values.networkPolicy.dnsPorts | default (list 53 5353)) -}}
{{- end -}}

{{/* Ports of the API server, separated by commas: as above, a rule without ports would let everything out. */}}
{{- define "frametrace.apiServerPorts" -}}
{{- join "," (.Values.networkPolicy.apiServerPorts | default (list 443 6443)) -}}
{{- end -}}

{{/* An image of the product: as it is named, or of the chart's own version. Arguments: the chart's context, the image's name. */}}
{{- define "frametrace.image" -}}
{{- $context := index . 0 -}}
{{- $name := index . 1 -}}
{{- get $context.Values.images $name | default (printf "%s/frametrace-%s:%s" $context.Values.images.registry $name $context.Chart.AppVersion) -}}
{{- end -}}

{{/* The annotations of an object, its own and those of all; empty if there are none. Arguments: the chart's context, its own. */}}
{{- define "frametrace.annotations" -}}
{{- with merge (dict) (index . 1 | default dict) ((index . 0).Values.commonAnnotations | default dict) -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}
