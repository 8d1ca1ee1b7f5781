using Connectors.Tests.Conformance;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_answers_by_script() : AnswerConformance("marketo")
{
    private protected override void Introduce(ScriptedVendor vendor)
        => vendor.On("POST", "/identity/oauth/token", ScriptedAnswer.Json(200, ScriptedMarketo.Token(1)));
}
