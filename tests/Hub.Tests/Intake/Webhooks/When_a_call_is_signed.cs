using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Intake.Webhooks.Signatures;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>Published vectors of every scheme, and what every one of them must refuse.</summary>
public sealed class When_a_call_is_signed
{
    private const string HubSpotSecret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
    private const string HubSpotBody = """[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]""";
    private const string HubSpotUrl = "https://hub.example.test/webhooks/hubspot/acme";
    private const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string StandardBody = """{"test": 2432232314}""";
    private const string StandardId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string StandardSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const string SenderKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    private const string SenderSignature = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    private const long StandardTime = 1614265330;
    private const string SegmentBody = """{"type":"track","userId":"019mr8mf4r","event":"Purchased an Item","properties":{"revenue":"39.95","shippingMethod":"2-day"},"messageId":"ajs-1","timestamp":"2012-12-02T00:30:08.276Z"}""";
    private const string SegmentSignature = "0e585c27ee48de5a38c69c8b11def9fc11695b41";
    private const string StripeBody = """{"id":"evt_1","object":"event","type":"ping"}""";
    private const string StripeSignature = "1c5561cb40f43f26583c2a5631e79ec6c2044a39dee523775f4a572a7a246643";
    private const long SignedAt = 1735689600;

    /// <summary>github.com/standard-webhooks/standard-webhooks, tests of its libraries; the second was computed by the same rule.</summary>
    [TestCase(StandardId, StandardTime, StandardBody, StandardSignature)]
    [TestCase("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", SignedAt, """{"type":"contact.created","data":{"id":"1"}}""", "v1,1dH2fANmxJ2qco8ya2wPgox+zQgmgTbhxwc/9mTkbvY=")]
    [TestCase(StandardId, StandardTime, StandardBody, "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= v2,g0hM v1a,xyz " + StandardSignature)]
    public void Should_take_a_call_of_Standard_Webhooks(string id, long at, string body, string signature)
    {
        foreach (var prefix in new[] { "webhook", "svix" })
        {
            Assert.That(Standard(body, at, 0, [StandardSecret], ($"{prefix}-id", id), ($"{prefix}-timestamp", Number(at)), ($"{prefix}-signature", signature)), Is.Null, prefix);
        }
    }

    [Test]
    public void Should_take_either_secret_while_they_change()
    {
        (string, string)[] headers = [("webhook-id", StandardId), ("webhook-timestamp", Number(StandardTime)), ("webhook-signature", StandardSignature)];
        Assert.That(Standard(StandardBody, StandardTime, 0, ["whsec_c29tZXRoaW5nIGVsc2U=", StandardSecret], headers), Is.Null);
        Assert.That(Standard(StandardBody, StandardTime, 0, [StandardSecret["whsec_".Length..]], headers), Is.Null, "the prefix may be missing");
        Assert.That(Standard(StandardBody, StandardTime, 0, ["whsec_c29tZXRoaW5nIGVsc2U="], headers), Is.EqualTo("signature_wrong"));
        Assert.That(Standard(StandardBody, StandardTime, 0, ["whsec_", "whsec_!"], headers), Is.EqualTo("signature_wrong"), "a secret that holds no key proves nothing");
    }

    /// <summary>The vector of Svix's server (github.com/svix/svix-webhooks, test_asymmetric_key_signing), and what is near it.</summary>
    [TestCase(SenderKey, SenderSignature, StandardBody, null)]
    [TestCase(SenderKey, "v1,AAAA v1a,AAAA " + SenderSignature, StandardBody, null)]
    [TestCase(SenderKey, SenderSignature, """{"test": 2432232315}""", "signature_wrong")]
    [TestCase("whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", SenderSignature, StandardBody, "signature_wrong")]
    [TestCase("whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", SenderSignature, StandardBody, "signature_wrong")]
    [TestCase("whpk_AAAA", SenderSignature, StandardBody, "signature_wrong")]
    [TestCase(StandardSecret, SenderSignature, StandardBody, "signature_wrong")]
    [TestCase(SenderKey, StandardSignature, StandardBody, "signature_wrong")]
    [TestCase(SenderKey, "v1a,", StandardBody, "signature_wrong")]
    [TestCase(SenderKey, "v2a,hnO3", StandardBody, "signature_malformed")]
    public void Should_take_a_call_that_is_signed_with_the_senders_key(string secret, string signature, string body, string? code) =>
        Assert.That(Standard(body, StandardTime, 0, [secret], ("webhook-id", StandardId), ("webhook-timestamp", Number(StandardTime)), ("webhook-signature", signature)), Is.EqualTo(code));

    /// <summary>Everybody may know a public key: it is no secret to sign with.</summary>
    [Test]
    public void Should_not_take_a_public_key_for_a_shared_secret()
    {
        var forged = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(SenderKey["whpk_".Length..]), Encoding.UTF8.GetBytes($"{StandardId}.{StandardTime}.{StandardBody}")));
        Assert.That(Standard(StandardBody, StandardTime, 0, [SenderKey], ("webhook-id", StandardId), ("webhook-timestamp", Number(StandardTime)), ("webhook-signature", $"v1,{forged}")), Is.EqualTo("signature_wrong"));
    }

    [TestCase(null, "1614265330", StandardSignature, 0, "signature_missing")]
    [TestCase(StandardId, null, StandardSignature, 0, "signature_missing")]
    [TestCase(StandardId, "1614265330", null, 0, "signature_missing")]
    [TestCase(StandardId, "soon", StandardSignature, 0, "signature_time_malformed")]
    [TestCase(StandardId, "-1614265330", StandardSignature, 0, "signature_time_malformed")]
    [TestCase(StandardId, "99999999999999999999", StandardSignature, 0, "signature_time_malformed")]
    [TestCase(StandardId, "9999999999999999", StandardSignature, 0, "signature_time_malformed")]
    [TestCase(StandardId, "1614265330", StandardSignature, 301, "signature_too_old")]
    [TestCase(StandardId, "1614265330", StandardSignature, -301, "signature_in_the_future")]
    [TestCase(StandardId, "1614265330", StandardSignature, 300, null)]
    [TestCase(StandardId, "1614265330", StandardSignature, -300, null)]
    [TestCase(StandardId, "1614265330", "v1,", 0, "signature_wrong")]
    [TestCase(StandardId, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O", 0, "signature_malformed")]
    [TestCase(StandardId, "1614265330", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 0, "signature_malformed")]
    [TestCase(StandardId, "1614265330", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 0, "signature_malformed")]
    [TestCase(StandardId, "1614265331", StandardSignature, 0, "signature_wrong")]
    [TestCase("msg_other", "1614265330", StandardSignature, 0, "signature_wrong")]
    public void Should_refuse_a_call_of_Standard_Webhooks_that_is_not_proven(string? id, string? time, string? signature, int late, string? code)
    {
        (string, string?)[] headers = [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)];
        Assert.That(Standard(StandardBody, StandardTime, late, [StandardSecret], [.. headers.Where(header => header.Item2 is not null).Select(header => (header.Item1, header.Item2!))]), Is.EqualTo(code));
    }

    /// <summary>Computed by the rule of developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation.</summary>
    [TestCase("", "Amg58PUNKrfJePHGYmVK+xKP2+/BA+jLwVBFXlIDiFM=", null)]
    [TestCase("?src=a%2Fb", "07PxBIMelezP95/xckBpEqWDsrSR55AjFSwnLJDHxcc=", null)]
    [TestCase("?src=a%2fb", "07PxBIMelezP95/xckBpEqWDsrSR55AjFSwnLJDHxcc=", null)]
    [TestCase("?src=a%20b", "07PxBIMelezP95/xckBpEqWDsrSR55AjFSwnLJDHxcc=", "signature_wrong")]
    [TestCase("", "07PxBIMelezP95/xckBpEqWDsrSR55AjFSwnLJDHxcc=", "signature_wrong")]
    [TestCase("", "no base64!", "signature_malformed")]
    [TestCase("", "", "signature_wrong")]
    public void Should_check_the_third_version_of_HubSpot(string query, string signature, string? code) =>
        Assert.That(HubSpot(query, 0, ("X-HubSpot-Signature-v3", signature), ("X-HubSpot-Request-Timestamp", "1735689600000")), Is.EqualTo(code));

    [Test]
    public void Should_leave_other_escapes_of_HubSpot_as_they_are()
    {
        const string Query = "?a=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B&b=%20%26%3D%25%2B";
        var signed = $"POST{HubSpotUrl}?a=:/?@!$'()*,;&b=%20%26%3D%25%2B{HubSpotBody}1735689600000";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(HubSpotSecret), Encoding.UTF8.GetBytes(signed)));
        Assert.That(HubSpot(Query, 0, ("X-HubSpot-Signature-v3", signature), ("X-HubSpot-Request-Timestamp", "1735689600000")), Is.Null);
    }

    [TestCase(301, "signature_too_old")]
    [TestCase(-301, "signature_in_the_future")]
    [TestCase(299, null)]
    public void Should_count_HubSpots_time_in_milliseconds(int late, string? code) =>
        Assert.That(HubSpot("", late, ("X-HubSpot-Signature-v3", "Amg58PUNKrfJePHGYmVK+xKP2+/BA+jLwVBFXlIDiFM="), ("X-HubSpot-Request-Timestamp", "1735689600000")), Is.EqualTo(code));

    /// <summary>github.com/HubSpot/hubspot-api-nodejs, test/unit/signature.spec.ts.</summary>
    [Test]
    public void Should_take_the_first_version_of_HubSpot_only_where_that_is_said()
    {
        (string, string)[] headers = [("X-HubSpot-Signature", "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"), ("X-HubSpot-Signature-Version", "v1")];
        Assert.That(HubSpot("", 0, headers), Is.EqualTo("signature_missing"));
        var source = Sources.Of(SourceDialect.Hubspot, SignatureScheme.Hubspot, "X-HubSpot-Signature-v3", HubSpotUrl, allowsV1: true, HubSpotSecret);
        Assert.That(Find(source, Sources.Call(HubSpotBody, "", headers), SignedAt), Is.Null);
        Assert.That(Find(source, Sources.Call(HubSpotBody + " ", "", headers), SignedAt), Is.EqualTo("signature_wrong"));
        Assert.That(Find(source, Sources.Call(HubSpotBody, "", [.. headers, ("X-HubSpot-Signature-v3", "AAAA")]), SignedAt), Is.EqualTo("signature_missing"), "with a third version, only that one counts");
    }

    [TestCase(SegmentBody, SegmentSignature, null)]
    [TestCase("[" + SegmentBody + "]", SegmentSignature, null)]
    [TestCase(" [\n  " + SegmentBody + " , {\"type\":\"identify\"} ]", SegmentSignature, null)]
    [TestCase("[{}," + SegmentBody + "]", SegmentSignature, "signature_wrong")]
    [TestCase("[]", SegmentSignature, "signature_wrong")]
    [TestCase("[", SegmentSignature, "signature_wrong")]
    [TestCase("", SegmentSignature, "signature_wrong")]
    [TestCase(SegmentBody + " ", SegmentSignature, "signature_wrong")]
    [TestCase(SegmentBody, "0e585c27ee48de5a38c69c8b11def9fc11695b4", "signature_malformed")]
    [TestCase(SegmentBody, "xyz", "signature_malformed")]
    public void Should_check_Segment_over_the_call_or_the_first_of_a_batch(string body, string signature, string? code) =>
        Assert.That(Find(Sources.Of(SourceDialect.Segment, SignatureScheme.Segment, "X-Signature", null, false, "shared-secret"), Sources.Call(body, "", ("X-Signature", signature)), SignedAt), Is.EqualTo(code));

    [TestCase($"t=1735689600,v1={StripeSignature}", 0, null)]
    [TestCase($"t=1735689600,v1=00,v0=11,v1={StripeSignature}", 0, null)]
    [TestCase($" v1={StripeSignature} , t=1735689600", 0, null)]
    [TestCase($"t=1735689600,v0={StripeSignature}", 0, "signature_malformed")]
    [TestCase($"v1={StripeSignature}", 0, "signature_malformed")]
    [TestCase($"t=x,v1={StripeSignature}", 0, "signature_time_malformed")]
    [TestCase($"t=1735689601,v1={StripeSignature}", 0, "signature_wrong")]
    [TestCase($"t=1735689600,v1={StripeSignature}", 301, "signature_too_old")]
    [TestCase($"t=1735689600,v1={StripeSignature}", -301, "signature_in_the_future")]
    public void Should_check_Stripe_with_the_secret_as_text(string header, int late, string? code) =>
        Assert.That(
            Find(Sources.Of(SourceDialect.Json, SignatureScheme.Stripe, "Stripe-Signature", null, false, "whsec_test_secret"), Sources.Call(StripeBody, "", ("Stripe-Signature", header)), SignedAt + late), Is.EqualTo(code));

    [TestCase(nameof(SignatureScheme.SecretHeader), "X-Hub-Token", "s3cret", null)]
    [TestCase(nameof(SignatureScheme.SecretHeader), "X-Hub-Token", "s3cre", "signature_wrong")]
    [TestCase(nameof(SignatureScheme.SecretHeader), "X-Hub-Token", "Bearer s3cret", "signature_wrong")]
    [TestCase(nameof(SignatureScheme.Bearer), "Authorization", "Bearer s3cret", null)]
    [TestCase(nameof(SignatureScheme.Bearer), "Authorization", "bearer s3cret", null)]
    [TestCase(nameof(SignatureScheme.Bearer), "Authorization", "s3cret", "signature_malformed")]
    [TestCase(nameof(SignatureScheme.Bearer), "Authorization", "Bearer ", "signature_wrong")]
    public void Should_check_a_secret_that_is_sent_along(string scheme, string header, string value, string? code) =>
        Assert.That(Find(Sources.Of(SourceDialect.Json, Enum.Parse<SignatureScheme>(scheme), header, null, false, "other", "s3cret"), Sources.Call("{}", "", (header, value)), SignedAt), Is.EqualTo(code));

    [Test]
    public void Should_say_that_it_is_the_hubs_fault_when_the_secret_is_lost()
    {
        var source = Sources.Of() with { Signature = Sources.Of().Signature with { Secrets = [SecretReference.ToEnvironment("GONE", _ => null)] } };
        Assert.That(SignatureCheck.Find(source, Sources.Call("{}", "", ("Authorization", "Bearer x")), DateTimeOffset.UnixEpoch)!.IsOurs);
    }

    /// <summary>Some thousands of spoiled signatures and bodies: none is taken, none throws.</summary>
    [Test]
    public void Should_refuse_whatever_was_spoiled()
    {
        var random = new Random(20261127);
        (SourceConfiguration Source, string Body, (string Name, string Value)[] Headers)[] good =
        [
            (Sources.Of(SourceDialect.Json, SignatureScheme.StandardWebhooks, "webhook-signature", null, false, StandardSecret), StandardBody, [("webhook-id", StandardId), ("webhook-timestamp", Number(StandardTime)), ("webhook-signature", StandardSignature)]),
            (Sources.Of(SourceDialect.Hubspot, SignatureScheme.Hubspot, "X-HubSpot-Signature-v3", HubSpotUrl, false, HubSpotSecret), HubSpotBody, [("X-HubSpot-Request-Timestamp", "1735689600000"), ("X-HubSpot-Signature-v3", "Amg58PUNKrfJePHGYmVK+xKP2+/BA+jLwVBFXlIDiFM=")]),
            (Sources.Of(SourceDialect.Segment, SignatureScheme.Segment, "X-Signature", null, false, "shared-secret"), SegmentBody, [("X-Signature", SegmentSignature)]),
            (Sources.Of(SourceDialect.Json, SignatureScheme.Stripe, "Stripe-Signature", null, false, "whsec_test_secret"), StripeBody, [("Stripe-Signature", $"t=1735689600,v1={StripeSignature}")]),
        ];
        foreach (var (source, body, headers) in good)
        {
            var now = source.Signature.Scheme == SignatureScheme.StandardWebhooks ? StandardTime : SignedAt;
            Assert.That(Find(source, Sources.Call(body, "", headers), now), Is.Null);
            for (var i = 0; i < 2_000; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(body);
                var spoiled = headers.ToArray();
                if (i % 2 == 0)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }
                else
                {
                    var hit = random.Next(spoiled.Length);
                    var text = spoiled[hit].Value.ToCharArray();
                    var place = random.Next(text.Length);
                    text[place] = (char)random.Next(1, 0xFFFF);
                    spoiled[hit].Value = random.Next(3) == 0 ? new string(text, 0, place) : new string(text);
                }

                var isSame = bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(body)) && spoiled.SequenceEqual(headers);
                Assert.That(Find(source, Sources.Call(bytes, "", spoiled), now), isSame ? Is.Null : Is.Not.Null, $"{source.Signature.Scheme} {i}: {string.Join('|', spoiled)}");
            }
        }
    }

    private static string? Standard(string body, long at, int late, string[] secrets, params (string, string)[] headers) =>
        Find(Sources.Of(SourceDialect.Json, SignatureScheme.StandardWebhooks, "webhook-signature", null, false, secrets), Sources.Call(body, "", headers), at + late);

    private static string? HubSpot(string query, int late, params (string, string)[] headers) =>
        Find(Sources.Of(SourceDialect.Hubspot, SignatureScheme.Hubspot, "X-HubSpot-Signature-v3", HubSpotUrl, false, HubSpotSecret), Sources.Call(HubSpotBody, query, headers), SignedAt + late);

    private static string? Find(SourceConfiguration source, WebhookCall call, long now) => SignatureCheck.Find(source, call, DateTimeOffset.FromUnixTimeSeconds(now))?.Code;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
