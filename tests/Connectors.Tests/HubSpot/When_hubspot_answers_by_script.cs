using Connectors.Tests.Conformance;

namespace Connectors.Tests.HubSpot;

public sealed class When_hubspot_answers_by_script() : AnswerConformance("hubspot");
