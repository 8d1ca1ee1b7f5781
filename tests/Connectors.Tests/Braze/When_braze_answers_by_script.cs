using Connectors.Tests.Conformance;

namespace Connectors.Tests.Braze;

public sealed class When_braze_answers_by_script() : AnswerConformance("braze");
