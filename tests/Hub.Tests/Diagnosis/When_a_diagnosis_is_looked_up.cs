using System.Reflection;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Docs;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>Every code leads to a runbook that knows it.</summary>
public sealed class When_a_diagnosis_is_looked_up
{
    [Test]
    public void Should_have_a_runbook_for_every_code_that_there_is() => Assert.That(
        DiagnosisCode.Runbooks.Keys,
        Is.EquivalentTo(typeof(DiagnosisCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => field.GetRawConstantValue())));

    [TestCaseSource(nameof(Codes))]
    public void Should_be_in_its_runbook(string code) => Assert.That(Runbook.Read(DiagnosisCode.Runbooks[code]), Does.Contain($"`{code}`"));

    private static IEnumerable<string> Codes() => DiagnosisCode.Runbooks.Keys;
}
