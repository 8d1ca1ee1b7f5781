using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Erasure;

/// <summary>How a certificate is to be shown.</summary>
/// <param name="Key">A key that the person had, to stand on the page; it is checked against the erasure and kept nowhere. Personal data.</param>
/// <param name="Page">True for a page to print; the signed JSON when absent.</param>
internal sealed record CertificateQuestionJson([property: JsonPropertyName("key")] string? Key = null, [property: JsonPropertyName("page")] bool Page = false);
