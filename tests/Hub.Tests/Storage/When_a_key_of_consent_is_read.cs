using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Every kind of key is read as what it is: none is taken for somebody's id.</summary>
public sealed class When_a_key_of_consent_is_read
{
    [TestCase("id:c-17", KeyKind.ExternalId, "c-17")]
    [TestCase("id:email:x", KeyKind.ExternalId, "email:x")]
    [TestCase("email:kim@example.test", KeyKind.Email, "kim@example.test")]
    [TestCase("phone:+15555550101", KeyKind.Phone, "+15555550101")]
    [TestCase("crm_id:775", KeyKind.CrmId, "775")]
    [TestCase("anonymous_id:a-1", KeyKind.AnonymousId, "a-1")]
    [TestCase("device_id:d-1", KeyKind.DeviceId, "d-1")]
    public void Should_be_of_its_kind_and_written_back_alike(string subjectKey, KeyKind kind, string value)
    {
        var key = ConsentState.Named(subjectKey)!.Value;
        Assert.That((key.Kind, key.Value), Is.EqualTo((kind, value)));
        Assert.That(ConsentState.KeyOf(key), Is.EqualTo(subjectKey));
    }

    [TestCase("anonymous_id:cafe\u0301", "anonymous_id:caf\u00e9")]
    [TestCase("id:cafe\u0301", "id:caf\u00e9")]
    [TestCase("email:KIM@example.test", "email:kim@example.test")]
    public void Should_keep_its_kind_in_its_normal_form(string subjectKey, string normal) => Assert.That(ConsentState.Normal(subjectKey), Is.EqualTo(normal));

    [TestCase("loyalty_id:7")]
    [TestCase("none")]
    public void Should_be_nobodys_whose_kind_this_version_knows(string subjectKey) => Assert.That((ConsentState.Named(subjectKey), ConsentState.Normal(subjectKey)), Is.EqualTo(((PersonKey?)null, (string?)null)));
}
